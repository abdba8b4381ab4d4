"""What notices say, a room a topic. Each takes a notice and the names it mentions, and gives title and sentence."""
