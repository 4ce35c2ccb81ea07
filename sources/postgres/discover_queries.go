package postgres

// relationsQuery gives a JSON object per relation; its parameters are more columns and a condition on pg_class c and
// pg_namespace n. The rows of a partitioned table are those of its partitions; those of a table that nobody has
// analysed are guessed from its size.
const relationsQuery = `SELECT json_build_object(
 'oid', c.oid::int8, 'schema', n.nspname, 'name', c.relname, 'kind', c.relkind,
 'rows', CASE WHEN c.relkind IN ('v', 'f') AND c.reltuples <= 0 OR c.reltuples = 'NaN' THEN -1
  WHEN c.relkind = 'p' AND c.reltuples <= 0 THEN (SELECT COALESCE(sum(GREATEST(l.reltuples, 0)), -1)
   FROM pg_catalog.pg_partition_tree(c.oid) pt JOIN pg_catalog.pg_class l ON l.oid = pt.relid WHERE pt.isleaf)
  WHEN c.relkind IN ('r', 'm') AND (c.reltuples < 0 OR c.reltuples = 0 AND c.relpages = 0)
   THEN pg_catalog.pg_relation_size(c.oid) / 100 ELSE c.reltuples END,
 'comment', COALESCE(pg_catalog.obj_description(c.oid, 'pg_class'), '')%s)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE %s ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`

// detailColumns are columns, unique indexes (immediate, valid, of whole rows and plain columns), foreign keys and those
// statistics that the role may read. A nondeterministic collation is one under which different bytes may be equal.
const detailColumns = `,
 'columns', (SELECT json_agg(json_build_object('name', a.attname, 'num', a.attnum, 'type', a.atttypid::int8,
   'mod', a.atttypmod, 'dims', a.attndims, 'notnull', a.attnotnull,
   'bytewise', COALESCE(l.collisdeterministic, true),
   'c_order', COALESCE(l.collname IN ('C', 'POSIX') AND l.collnamespace = 'pg_catalog'::regnamespace
     OR l.oid = 100 AND COALESCE(to_json(d)->>'datlocprovider', 'c') = 'c' AND d.datcollate IN ('C', 'POSIX'), false)) ORDER BY a.attnum)
  FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
   LEFT JOIN pg_catalog.pg_database d ON d.datname = pg_catalog.current_database()
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
 'keys', (SELECT json_agg(json_build_object('columns', (i.indkey::int2[])[0:i.indnkeyatts - 1], 'primary', i.indisprimary, 'index', i.indexrelid::int8)
   ORDER BY i.indexrelid)
  FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND i.indimmediate AND i.indisvalid
   AND i.indpred IS NULL AND i.indexprs IS NULL),
 'foreign', (SELECT json_agg(json_build_object('name', f.conname, 'columns', f.conkey, 'ref_schema', rn.nspname,
   'ref_table', r.relname, 'update', f.confupdtype, 'delete', f.confdeltype,
   'ref_columns', (SELECT json_agg(ra.attname ORDER BY k.ord) FROM unnest(f.confkey) WITH ORDINALITY k(num, ord)
     JOIN pg_catalog.pg_attribute ra ON ra.attrelid = f.confrelid AND ra.attnum = k.num)) ORDER BY f.conname)
  FROM pg_catalog.pg_constraint f JOIN pg_catalog.pg_class r ON r.oid = f.confrelid
   JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
  WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.conparentid = 0),
 'stats', (SELECT json_agg(json_build_object('column', s.attname, 'distinct', s.n_distinct, 'nulls', s.null_frac,
   'width', s.avg_width%s))
  FROM pg_catalog.pg_stats s
  WHERE s.schemaname = n.nspname AND s.tablename = c.relname AND s.inherited = (c.relkind = 'p'))`

// valueStatistics are more columns of the statistics: common values and a histogram as PostgreSQL's texts, of narrow values
// and some hundreds of each, for a table can have ten thousand.
const valueStatistics = `,
   'correlation', s.correlation,
   'common', CASE WHEN s.avg_width <= 64 THEN (s.most_common_vals::text::text[])[1:100] END,
   'frequencies', CASE WHEN s.avg_width <= 64 THEN s.most_common_freqs[1:100] END,
   'histogram', CASE WHEN s.avg_width <= 64 THEN (SELECT json_agg(h.v ORDER BY h.i)
     FROM unnest(s.histogram_bounds::text::text[]) WITH ORDINALITY h(v, i)
     WHERE (h.i - 1) % GREATEST(1, (array_length(s.histogram_bounds::text::text[], 1) - 1) / 100) = 0) END`

// typesOfRelations are the types that the columns of the relations of a condition have.
const typesOfRelations = `SELECT a.atttypid FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE a.attnum > 0 AND NOT a.attisdropped AND %s`

// typesByName are the types of a name in the schemas of a list.
const typesByName = `SELECT t.oid FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  WHERE t.typname = %s AND n.nspname IN (%s)`

// typesQuery gives a JSON object for each type that another query names, those inside types included.
const typesQuery = `WITH RECURSIVE used(oid) AS (
 %s
 UNION
 SELECT x.oid FROM used u JOIN pg_catalog.pg_type t ON t.oid = u.oid CROSS JOIN LATERAL (
  SELECT t.typelem WHERE t.typelem <> 0 UNION ALL SELECT t.typbasetype WHERE t.typbasetype <> 0
  UNION ALL SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid
  UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute a
   WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) x(oid))
SELECT json_build_object('oid', t.oid::int8, 'name', pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.typname),
 'plain', t.typname, 'schema', n.nspname, 'system', n.nspname = 'pg_catalog', 'kind', t.typtype, 'base', t.typbasetype::int8, 'mod', t.typtypmod,
 'elem', CASE WHEN e.typarray = t.oid THEN e.oid::int8 ELSE 0 END,
 'sub', COALESCE((SELECT r.rngsubtype::int8 FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid), 0),
 'notnull', t.typnotnull, 'checks', CASE t.typtype WHEN 'd' THEN (SELECT json_agg(json_build_object('name', k.conname,
   'condition', pg_catalog.pg_get_expr(k.conbin, 0)) ORDER BY k.conname COLLATE "C")
  FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c') END,
 'labels', (SELECT json_agg(l.enumlabel ORDER BY l.enumsortorder) FROM pg_catalog.pg_enum l WHERE l.enumtypid = t.oid),
 'fields', (SELECT json_agg(json_build_object('name', a.attname, 'type', a.atttypid::int8, 'mod', a.atttypmod)
   ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
   WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped))
FROM used u JOIN pg_catalog.pg_type t ON t.oid = u.oid JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem`
