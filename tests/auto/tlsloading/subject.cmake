gruvsocks_add_test(tlsloading LABELS unit)
