gruvsocks_add_test(gruvserverexhaustion LABELS network TIMEOUT 60)
