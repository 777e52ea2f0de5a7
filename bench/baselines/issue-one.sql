-- The same in one statement.
\set user random(1, 9000000000000000)
with taken as (
  update coupons set remaining = remaining - 1 where id = 1 and remaining > 0 returning id
)
insert into issued (coupon_id, user_id) select id, :user from taken returning id;
