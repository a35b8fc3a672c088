/// What an author needs of the protocol's nouns and of the engine comes with `import Holdfast`.
@_exported public import MCPEngine
@_exported public import MCPProtocol
