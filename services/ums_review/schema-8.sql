-- Who was refused a case of their own address, for the head of the region.
create index audit_same_address on ums_review.audit (at) where result = 'SAME_ADDRESS';
