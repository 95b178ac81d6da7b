//! All of a listing.

/// All items of a listing, page by page.
macro_rules! every {
    ($unit:ident.$list:ident, $tenant:expr, $what:expr) => {{
        let (tenant, what) = ($tenant.clone(), $what);
        let mut ask =
            crate::store::ListAsk { tenant, what, after: None, limit: crate::store::PAGE_MAX };
        let mut all = Vec::new();
        loop {
            let page = $unit.$list(&ask).await?;
            all.extend(page.items);
            ask.after = page.next;
            if ask.after.is_none() {
                break all;
            }
        }
    }};
}

pub(super) use every;
