gruvsocks_add_test(offlinequeue LABELS unit ROOMS offlinequeue deliverylog)
