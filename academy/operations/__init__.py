"""What whoever runs the academy needs: figures, backup and restore, the doctor, and how long things
are kept.
"""
