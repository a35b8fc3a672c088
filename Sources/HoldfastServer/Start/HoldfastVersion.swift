package enum HoldfastVersion {
    package static let current = "0.1.0"
}
