"""Speed, measured beside a rival in the same run where there is one. Times depend on the machine: quote ratios."""
