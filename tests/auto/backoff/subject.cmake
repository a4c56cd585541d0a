gruvsocks_add_test(backoff LABELS unit ROOMS backoff)
