"""The deployment, judged without docker: files against code, and the same processes started natively."""
