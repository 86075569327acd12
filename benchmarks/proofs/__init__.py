"""What `make prove-limits` runs: races against each limit, and what was left when they were over."""
