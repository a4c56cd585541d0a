gruvsocks_add_test(gruvserver LABELS network TIMEOUT 30)
