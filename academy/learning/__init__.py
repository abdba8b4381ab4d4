"""What can be learned, and who has learned what: catalogue, progress, quizzes."""
