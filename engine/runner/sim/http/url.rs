//! Addresses of HTTP requests.

/// What an address says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// `http` or `https`.
    pub scheme: String,
    /// A name or an address.
    pub host: String,
    /// The default of the scheme, if none is written.
    pub port: u16,
    /// With its slash, without query and fragment.
    pub path: String,
}

impl Url {
    /// None: no address of HTTP.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let default = match scheme.as_str() {
            "http" => 80,
            "https" => 443,
            _ => return None,
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let authority = authority.rsplit('@').next().unwrap_or(authority);
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port.parse().ok()?),
            _ => (authority, default),
        };
        if host.is_empty() {
            return None;
        }
        let path = path.split(['?', '#']).next().filter(|path| !path.is_empty()).unwrap_or("/");
        Some(Self { scheme, host: host.to_ascii_lowercase(), port, path: path.to_owned() })
    }
}

/// Whether an address is meant by a pattern: the same, or with `*` at its end all that begin so.
pub fn matches(pattern: &str, address: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(begin) => address.starts_with(begin),
        None => address.trim_end_matches('/') == pattern.trim_end_matches('/'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let url = Url::parse("https://user:pw@Chat.Example.com/healthz?x=1#y").unwrap();
        assert_eq!((url.scheme.as_str(), url.host.as_str(), url.port), ("https", "chat.example.com", 443));
        assert_eq!(url.path, "/healthz");
        let url = Url::parse("http://[::1]:8000").unwrap();
        assert_eq!((url.host.as_str(), url.port, url.path.as_str()), ("[::1]", 8000, "/"));
        for bad in ["", "x", "ftp://x/", "http://", "http://x:port/", "http:///x"] {
            assert_eq!(Url::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_star_stands_for_the_rest() {
        assert!(matches("https://a/*", "https://a/b/c"));
        assert!(matches("https://a", "https://a/"));
        assert!(!matches("https://a/b", "https://a/bc"));
    }
}
