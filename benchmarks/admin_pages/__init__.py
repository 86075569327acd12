"""What `benchmarks.admin_at_scale` is made of."""
