"""The suite `s3`: a module for each area of Amazon's S3 API, and the DSL they are written in."""
