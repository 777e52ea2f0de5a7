-- 64 issues in one statement: the limit of the database itself.
\set user random(1, 9000000000000000)
with taken as (
  update coupons set remaining = remaining - 64 where id = 1 and remaining >= 64 returning id
)
insert into issued (coupon_id, user_id)
select id, :user::bigint + number from taken, generate_series(1, 64) number
on conflict do nothing returning id;
