//! The parameters of lists.

use crate::query::query_string;

/// The parameters of a list of enrollments. Empty ones filter nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// Words to look for.
    pub search: String,
    /// Statuses, by their names on the wire.
    pub status: Vec<String>,
    /// APIs.
    pub target_api: Vec<String>,
    /// Démarches; `other` for what counts as none.
    pub demarche: Vec<String>,
    /// Key of `SortKey`, with `-` in front for descending.
    pub sort: String,
    /// Where the last page ended.
    pub cursor: String,
    /// Rows per page.
    pub limit: Option<u32>,
    /// Only those that the caller filed.
    pub mine: bool,
    /// Only those of that organisation.
    pub siret: String,
    /// Only those that somebody takes care of: `me` or `nobody`.
    pub assigned_to: String,
    /// Only those that are back after changes were asked for.
    pub resubmitted: bool,
    /// Only those with messages that no instructor has read.
    pub unread: bool,
}

impl ListQuery {
    /// The query string.
    pub fn to_query(&self) -> String {
        query_string(&[
            ("search", &self.search),
            ("status", &self.status.join(",")),
            ("target_api", &self.target_api.join(",")),
            ("demarche", &self.demarche.join(",")),
            ("sort", &self.sort),
            ("cursor", &self.cursor),
            ("limit", &self.limit.map(|limit| limit.to_string()).unwrap_or_default()),
            ("mine", flag(self.mine)),
            ("siret", &self.siret),
            ("assigned_to", &self.assigned_to),
            ("resubmitted", flag(self.resubmitted)),
            ("unread", flag(self.unread)),
        ])
    }
}

const fn flag(is_set: bool) -> &'static str {
    if is_set { "true" } else { "" }
}
