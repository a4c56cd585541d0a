gruvsocks_add_test(endings LABELS network)
