"""Judge: deterministic checks of every claim, and the measurements that keep the engines honest."""
