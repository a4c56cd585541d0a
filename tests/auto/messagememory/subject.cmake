gruvsocks_add_test(messagememory LABELS network TIMEOUT 180)
