gruvsocks_add_test(gruvserverlimits LABELS network TIMEOUT 30)
