gruvsocks_add_test(mailbox TLS LABELS network)
