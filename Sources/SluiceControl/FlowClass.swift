/// What a connection is for. The class decides how much queue a flow may build, and its default timeouts;
/// `ClassTargets` is the one table that says how.
public enum FlowClass: String, Sendable, Hashable, CaseIterable {
    /// Token streams and the prompts that ask for them (Ollama, vLLM, llama.cpp).
    case llm
    /// Request and response with state behind it (PostgreSQL, MySQL, MongoDB).
    case database
    /// Small, hot requests (Redis, memcached).
    case cache
    /// Bulk: file servers, backups, everything that wants throughput first.
    case network
    /// Small periodic messages of machines (Modbus, MQTT, OPC UA, SCADA): the newest value matters most.
    case telemetry
}
