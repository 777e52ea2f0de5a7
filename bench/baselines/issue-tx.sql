-- One hot coupon, a transaction for each request: what most teams write.
\set user random(1, 9000000000000000)
begin;
select remaining from coupons where id = 1 for update;
select 1 from issued where coupon_id = 1 and user_id = :user;
update coupons set remaining = remaining - 1 where id = 1;
insert into issued (coupon_id, user_id) values (1, :user) on conflict do nothing;
commit;
