"""An installed chromium, which measures the report's page, takes its pictures and tests its use."""
