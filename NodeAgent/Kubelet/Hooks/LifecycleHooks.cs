using System.Net.Sockets;
using System.Text;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Probes;
using Flotilla.NodeAgent.Runtime;

namespace Flotilla.NodeAgent.Kubelet.Hooks;

/// <summary>Runs postStart and preStop hooks: a command in the container, an HTTP request, a connection or a pause.</summary>
internal sealed class LifecycleHooks(ICriRuntime runtime, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(30);

    private readonly HttpClient http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        SslOptions = { RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null },
    });

    /// <returns>Null when it went well, or what went wrong.</returns>
    public async Task<string?> RunAsync(LifecycleHandler hook, ProbeTarget target, CancellationToken cancellationToken)
    {
        try
        {
            return hook switch
            {
                { Exec: { } exec } => await ExecAsync(exec, target, cancellationToken),
                { HttpGet: { } get } => await HttpAsync(get, target, cancellationToken),
                { TcpSocket: { } tcp } => await TcpAsync(tcp, target, cancellationToken),
                { Sleep: { } sleep } => await SleepAsync(sleep, cancellationToken),
                _ => "the hook has no handler",
            };
        }
        catch (Exception exception) when (exception is CriException or HttpRequestException or SocketException)
        {
            return exception.Message;
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<string?> ExecAsync(ExecAction exec, ProbeTarget target, CancellationToken cancellationToken)
    {
        var answer = await runtime.ExecSyncAsync(target.ContainerId, exec.Command ?? [], Longest, cancellationToken);
        return answer.ExitCode == 0
            ? null
            : $"command '{string.Join(' ', exec.Command ?? [])}' exited with {answer.ExitCode}: {Encoding.UTF8.GetString(answer.Stderr.Span)}";
    }

    private async Task<string?> HttpAsync(HTTPGetAction get, ProbeTarget target, CancellationToken cancellationToken)
    {
        var port = ProbePort.Resolve(get.Port, target.Container) ?? 80;
        using var request = HttpProbeRequest.Create(get, HttpProbeRequest.Address(get, get.Host is { Length: > 0 } host ? host : target.Host, port));
        using var response = await http.SendAsync(request, cancellationToken);
        return response.IsSuccessStatusCode ? null : $"{request.RequestUri} answered {(int)response.StatusCode}";
    }

    private static async Task<string?> TcpAsync(TCPSocketAction tcp, ProbeTarget target, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(tcp.Host is { Length: > 0 } host ? host : target.Host, ProbePort.Resolve(tcp.Port, target.Container) ?? 0, cancellationToken);
        return null;
    }

    private async Task<string?> SleepAsync(SleepAction sleep, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromSeconds(sleep.Seconds), clock, cancellationToken);
        return null;
    }
}
