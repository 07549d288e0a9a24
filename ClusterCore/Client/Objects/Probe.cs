namespace Flotilla.ClusterCore.Client.Objects;

public sealed record Probe
{
    public ExecAction? Exec { get; set; }
    public HTTPGetAction? HttpGet { get; set; }
    public TCPSocketAction? TcpSocket { get; set; }
    public GRPCAction? Grpc { get; set; }
    public int InitialDelaySeconds { get; set; }
    public int TimeoutSeconds { get; set; }
    public int PeriodSeconds { get; set; }
    public int SuccessThreshold { get; set; }
    public int FailureThreshold { get; set; }
    public long? TerminationGracePeriodSeconds { get; set; }
}

public sealed record Lifecycle
{
    public LifecycleHandler? PostStart { get; set; }
    public LifecycleHandler? PreStop { get; set; }
    public string? StopSignal { get; set; }
}

public sealed record LifecycleHandler
{
    public ExecAction? Exec { get; set; }
    public HTTPGetAction? HttpGet { get; set; }
    public TCPSocketAction? TcpSocket { get; set; }
    public SleepAction? Sleep { get; set; }
}

public sealed record ExecAction
{
    public string[]? Command { get; set; }
}

public sealed record HTTPGetAction
{
    public string? Path { get; set; }
    public IntOrString Port { get; set; }
    public string? Host { get; set; }
    public string? Scheme { get; set; }
    public HTTPHeader[]? HttpHeaders { get; set; }
}

public sealed record HTTPHeader
{
    public string Name { get; set; } = "";
    public string Value { get; set; } = "";
}

public sealed record TCPSocketAction
{
    public IntOrString Port { get; set; }
    public string? Host { get; set; }
}

public sealed record GRPCAction
{
    public int Port { get; set; }
    public string? Service { get; set; }
}

public sealed record SleepAction
{
    public long Seconds { get; set; }
}
