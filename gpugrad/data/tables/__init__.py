"""Tables with named columns: from CSV, Parquet and Arrow files, pandas, polars and pyarrow."""
