"""`soak`: many runs, and many clients of one deployment, watched for flakes and leaks."""
