-- Order and payment of three lines, everything in one statement.
\set user random(1, 100000)
\set product random(1, 998)
with locked as (
  select id, price from products where id = any (array[:product, :product + 1, :product + 2]) order by id for update
), sold as (
  update products p set stock = stock - 1, sold = sold + 1 from locked where p.id = locked.id and stock >= 1
  returning p.id, p.price
), total as (
  select sum(price)::bigint as total, count(*) as lines from sold
), debited as (
  update users set balance = balance - (select total from total)
  where id = :user and balance >= (select total from total) returning id, balance
), entered as (
  insert into entries (user_id, amount, balance_after) select id, -(select total from total), balance from debited
), ordered as (
  insert into orders (user_id, total, status) select debited.id, total.total, 'paid' from debited, total returning id
), itemed as (
  insert into order_items select ordered.id, sold.id, 1, sold.price from ordered, sold
), announced as (
  insert into outbox (payload) select jsonb_build_object('orderId', ordered.id) from ordered
)
select id from ordered;
