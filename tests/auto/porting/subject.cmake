gruvsocks_add_test(porting LABELS network TIMEOUT 60)
