gruvsocks_add_test(gruvserverstop LABELS network TIMEOUT 30)
