namespace Flotilla.Benchmarks.ControlPlane;

/// <summary>Processes that together serve the Kubernetes API.</summary>
internal interface IServedApi : IAsyncDisposable
{
    /// <summary>The file by which a client with all rights finds it.</summary>
    string Kubeconfig { get; }

    /// <summary>Of all of them, since their start.</summary>
    TimeSpan CpuTime { get; }

    /// <summary>Memory with shared pages divided among those who share them, in bytes.</summary>
    long ProportionalSetSize { get; }
}
