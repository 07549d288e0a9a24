ALTER TABLE clusters ADD COLUMN etcd_ca_certificate text;
ALTER TABLE clusters ADD COLUMN etcd_ca_key bytea;
