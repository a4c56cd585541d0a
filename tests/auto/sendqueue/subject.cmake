gruvsocks_add_test(sendqueue LABELS unit ROOMS framecodec sendqueue)
