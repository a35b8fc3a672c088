import MCPProtocol

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

extension Child {
    static let tools: JSON = [
        tool("echo", "Returns its text.", ["text"]),
        tool("big", "Returns so many bytes.", ["bytes"]),
        tool("sleep", "Returns its text after so many milliseconds; other calls go on.", ["milliseconds", "text"]),
        tool("forget", "Never answers.", []),
        tool("progress", "Reports so many steps, then answers.", ["steps"]),
        tool("ask", "Asks the client `method` with `params`, and returns its answer.", ["method", "params"]),
        tool("raw", "Answers with this line, $ID replaced by the id of the call.", ["line"]),
        tool("change", "Announces that the list has changed, then answers.", []),
        tool("stderr", "Writes so many lines of so many bytes to standard error, then answers.", ["lines", "bytes"]),
        tool("spam", "Writes so many lines of text to standard output, then answers.", ["lines"]),
        tool("process", "Returns its process id.", []),
        tool("environment", "Returns the names of its variables.", []),
        tool("directory", "Returns its working directory.", []),
        tool("descriptors", "Returns what its descriptors are.", []),
        tool("descend", "Starts itself again with its pipes and these flags, and returns the process id.", ["flags"]),
        tool("shut", "Closes this descriptor, and does not answer.", ["descriptor"]),
        tool("exit", "Ends with this code, without an answer.", ["code"]),
    ]

    private static func tool(_ name: String, _ description: String, _ arguments: [String]) -> JSON {
        let properties = JSON.object(arguments.map { ($0, [:]) })
        return [
            "name": JSON(name), "description": JSON(description),
            "inputSchema": ["type": "object", "properties": properties],
        ]
    }

    mutating func call(_ request: Request) {
        let arguments = request.params?["arguments"]
        func number(_ name: String) -> Int { Int(arguments?[name]?.integer ?? 0) }
        let given = arguments?["text"]?.string ?? ""
        switch request.params?["name"]?.string {
        case "echo": answer(request.id, text(given))
        case "big": answer(request.id, text(String(repeating: "b", count: number("bytes"))))
        case "sleep":
            sleepers.append((ContinuousClock.now + .milliseconds(number("milliseconds")), request.id, text(given)))
        case "forget": forgotten.insert(request.id)
        case "progress": report(number("steps"), request)
        case "ask":
            questions += 1
            let id = RequestID.string("question-\(questions)")
            asking[id] = request.id
            let method = arguments?["method"]?.string ?? Method.rootsList
            say(Wire.request(method, params: arguments?["params"], id: id))
        case "raw":
            say(Array((arguments?["line"]?.string ?? "").replacing("$ID", with: request.id.description).utf8))
        case "change":
            say(Wire.notification(Method.toolsListChanged))
            answer(request.id, text("changed"))
        case "stderr":
            for index in 0..<number("lines") {
                Pipes.write(Array("\(index) ".utf8) + Array(repeating: 0x65, count: number("bytes")) + [0x0A], to: 2)
            }
            answer(request.id, text("written"))
        case "spam":
            for index in 0..<number("lines") { say(Array("line \(index) of no meaning".utf8)) }
            answer(request.id, text("written"))
        case "process": answer(request.id, text("\(getpid())"))
        case "environment": answer(request.id, text(Self.variables.sorted().joined(separator: " ")))
        case "directory":
            let path = getcwd(nil, 0)
            defer { free(path) }
            answer(request.id, text(path.map { String(cString: $0) } ?? ""))
        case "descriptors": answer(request.id, text(Pipes.targets.joined(separator: " ")))
        case "descend": answer(request.id, text("\(Pipes.descend(arguments?["flags"]?.string ?? "--hold"))"))
        case "shut":
            close(Int32(number("descriptor")))
            if number("descriptor") == 0 { Pipes.waitForEver() }
        case "exit":
            Pipes.write(output)
            exit(Int32(number("code")))
        default: refuse(request.id, RPCError.Code.invalidParams, "Unknown tool")
        }
    }

    private mutating func report(_ steps: Int, _ request: Request) {
        if let token = request.meta?["progressToken"] {
            for step in 0..<steps {
                let params: JSON = ["progressToken": token, "progress": JSON(step + 1), "total": JSON(steps)]
                say(Wire.notification(Method.progress, params: params))
            }
        }
        answer(request.id, text("done"))
    }

    private static var variables: [String] {
        var names: [String] = []
        var next = environ
        while let entry = next.pointee {
            names.append(String(String(cString: entry).prefix { $0 != "=" }))
            next += 1
        }
        return names
    }
}
