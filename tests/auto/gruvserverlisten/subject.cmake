gruvsocks_add_test(gruvserverlisten LABELS network TIMEOUT 30)
