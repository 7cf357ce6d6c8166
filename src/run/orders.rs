//! Orders of a field's rows and columns as they stand in `field/order.json`.

use super::contents::Orders;
use serde::{Deserialize, Serialize};

/// The file's shape; `rows` is a list, because the order of the names is the order in which they are offered.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct OrderFile {
    rows: Vec<NamedOrder>,
    phos_columns: Vec<usize>,
    phos_kept: bool,
    clusters: Vec<usize>,
}

#[derive(Debug, Serialize, Deserialize)]
struct NamedOrder {
    name: String,
    order: Vec<usize>,
}

impl Orders {
    /// As JSON, to be written with [`super::folder::RunFolder::write_json`].
    pub fn to_json(&self) -> serde_json::Value {
        let rows: Vec<_> =
            self.rows.iter().map(|(name, order)| serde_json::json!({"name": name, "order": order})).collect();
        serde_json::json!({
            "rows": rows,
            "phos_columns": self.phos_columns,
            "phos_kept": self.phos_kept,
            "clusters": self.clusters,
        })
    }

    /// From JSON, for a field of `rows` rows and `columns` columns. What does not fit is left out.
    ///
    /// Returns the orders and one sentence for each thing left out.
    pub fn from_json(bytes: &[u8], rows: usize, columns: usize) -> (Self, Vec<String>) {
        let file: OrderFile = match serde_json::from_slice(bytes) {
            Ok(file) => file,
            Err(e) => {
                return (
                    Self::default(),
                    vec![format!("field/order.json is damaged ({e}); run the field stage again")],
                );
            }
        };
        let mut problems = Vec::new();
        let mut orders = Self { phos_kept: file.phos_kept, ..Self::default() };
        for NamedOrder { name, order } in file.rows {
            if is_permutation(&order, rows) {
                orders.rows.push((name, order));
            } else {
                problems.push(format!(
                    "the order `{name}` in field/order.json is no permutation of the {rows} rows; run the field stage again"
                ));
            }
        }
        if is_permutation(&file.phos_columns, columns) {
            orders.phos_columns = file.phos_columns;
        } else if !file.phos_columns.is_empty() {
            problems.push(format!(
                "the column order in field/order.json is no permutation of the {columns} columns; run the field stage again"
            ));
        }
        if file.clusters.len() == rows {
            orders.clusters = file.clusters;
        } else if !file.clusters.is_empty() {
            problems.push(format!(
                "field/order.json has {} clusters for {rows} rows; run the field stage again",
                file.clusters.len()
            ));
        }
        (orders, problems)
    }
}

fn is_permutation(order: &[usize], n: usize) -> bool {
    let mut seen = vec![false; n];
    order.len() == n && order.iter().all(|&i| i < n && !std::mem::replace(&mut seen[i], true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_read_back_and_bad_ones_are_left_out() {
        let orders = Orders {
            rows: vec![("time".to_owned(), vec![0, 1, 2]), ("D".to_owned(), vec![2, 0, 1])],
            phos_columns: vec![1, 0],
            phos_kept: true,
            clusters: vec![0, 0, 1],
        };
        let bytes = serde_json::to_vec(&orders.to_json()).unwrap();
        assert_eq!(Orders::from_json(&bytes, 3, 2), (orders, vec![]));
        let (rest, problems) = Orders::from_json(&bytes, 4, 3);
        assert!(rest.rows.is_empty() && rest.phos_columns.is_empty() && rest.clusters.is_empty());
        assert_eq!(problems.len(), 4, "{problems:?}");
        assert_eq!(Orders::from_json(b"{", 3, 2).1.len(), 1);
        assert!(!is_permutation(&[0, 0], 2));
    }
}
