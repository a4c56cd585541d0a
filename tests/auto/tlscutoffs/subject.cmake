gruvsocks_add_test(tlscutoffs LABELS network TIMEOUT 180)
