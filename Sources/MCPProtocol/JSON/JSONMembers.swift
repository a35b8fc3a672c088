/// The members of an object that is being put together; what is absent is left out.
struct JSONMembers {
    private(set) var list: [(String, JSON)] = []

    var json: JSON { .object(list) }

    mutating func add(_ name: String, _ value: JSON?) {
        if let value { list.append((name, value)) }
    }

    mutating func add(_ name: String, _ value: String?) { add(name, value.map { JSON($0) }) }
    mutating func add(_ name: String, _ value: Bool?) { add(name, value.map { JSON($0) }) }
    mutating func add(_ name: String, _ value: Int?) { add(name, value.map { JSON($0) }) }
    mutating func add(_ name: String, _ value: Double?) { add(name, value.map { JSON($0) }) }

    /// Left out when there is none.
    mutating func add(_ name: String, some values: [JSON]) {
        if !values.isEmpty { add(name, JSON(values)) }
    }

    mutating func add(_ name: String, some values: [String]) { add(name, some: values.map { JSON($0) }) }
}
