using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Runtime;

namespace Flotilla.NodeAgent.Kubelet.Probes;

/// <summary>Probes by command, HTTP, TCP and gRPC health.</summary>
internal sealed class Prober(ICriRuntime runtime) : IProber, IDisposable
{
    private const int LongestOutput = 10 << 10;

    private readonly HttpClient http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        // Probes are answered by a pod's own certificate, which nobody here can know.
        SslOptions = { RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null },
        PooledConnectionLifetime = TimeSpan.Zero,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public async Task<ProbeResult> ProbeAsync(Probe probe, ProbeTarget target, CancellationToken cancellationToken)
    {
        var seconds = Math.Max(probe.TimeoutSeconds, 1);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(seconds));
        try
        {
            return probe switch
            {
                { Exec: { } exec } => await ExecAsync(exec, target, TimeSpan.FromSeconds(seconds), limit.Token),
                { HttpGet: { } get } => await HttpAsync(get, target, limit.Token),
                { TcpSocket: { } tcp } => await TcpAsync(tcp, target, limit.Token),
                { Grpc: { } grpc } => await GrpcHealth.CheckAsync(target.Host, grpc, limit.Token),
                _ => ProbeResult.Failed("missing probe handler"),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ProbeResult.Failed(probe.Exec is null ? "context deadline exceeded" : $"command timed out after {seconds}s");
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<ProbeResult> ExecAsync(ExecAction exec, ProbeTarget target, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await runtime.ExecSyncAsync(target.ContainerId, exec.Command ?? [], timeout, cancellationToken);
            var output = Encoding.UTF8.GetString([.. answer.Stdout.Span, .. answer.Stderr.Span]);
            return answer.ExitCode == 0 ? ProbeResult.Passed : ProbeResult.Failed(output.Length > LongestOutput ? output[..LongestOutput] : output);
        }
        catch (CriException exception) when (!exception.Unreachable)
        {
            return ProbeResult.Failed(exception.Message);
        }
    }

    private async Task<ProbeResult> HttpAsync(HTTPGetAction get, ProbeTarget target, CancellationToken cancellationToken)
    {
        if (ProbePort.Resolve(get.Port, target.Container) is not { } port)
        {
            return ProbeResult.Failed($"couldn't find port: {get.Port}");
        }

        using var request = HttpProbeRequest.Create(get, get.Host is { Length: > 0 } host ? host : target.Host, port);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var code = (int)response.StatusCode;
            return code is >= 200 and < 400 ? ProbeResult.Passed : ProbeResult.Failed($"HTTP probe failed with statuscode: {code}");
        }
        catch (HttpRequestException exception)
        {
            return ProbeResult.Failed($"Get \"{request.RequestUri}\": {exception.InnerException?.Message ?? exception.Message}");
        }
    }

    private static async Task<ProbeResult> TcpAsync(TCPSocketAction tcp, ProbeTarget target, CancellationToken cancellationToken)
    {
        if (ProbePort.Resolve(tcp.Port, target.Container) is not { } port)
        {
            return ProbeResult.Failed($"couldn't find port: {tcp.Port}");
        }

        var host = tcp.Host is { Length: > 0 } named ? named : target.Host;
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(host, port, cancellationToken);
            return ProbeResult.Passed;
        }
        catch (SocketException exception)
        {
            return ProbeResult.Failed($"dial tcp {host}:{port}: {exception.Message}");
        }
    }
}

internal static class HttpProbeRequest
{
    public static HttpRequestMessage Create(HTTPGetAction get, string host, int port)
    {
        var scheme = get.Scheme is "HTTPS" ? "https" : "http";
        var path = get.Path is { Length: > 0 } given ? given.StartsWith('/') ? given : $"/{given}" : "/";
        var address = host.Contains(':') ? $"[{host}]" : host;
        var request = new HttpRequestMessage(HttpMethod.Get, $"{scheme}://{address}:{port}{path}");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("kube-probe", "1.36"));
        request.Headers.Accept.ParseAdd("*/*");
        request.Headers.ConnectionClose = true;
        foreach (var header in get.HttpHeaders ?? [])
        {
            if (header.Name.Equals("Host", StringComparison.OrdinalIgnoreCase))
            {
                request.Headers.Host = header.Value;
                continue;
            }

            request.Headers.Remove(header.Name);
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        return request;
    }
}

internal static class ProbePort
{
    /// <summary>A number, or the name of one of the container's ports; null when there is none of that name.</summary>
    public static int? Resolve(IntOrString port, Container container) => port.Text switch
    {
        null => port.Number,
        var name when int.TryParse(name, out var number) => number,
        var name => container.Ports?.FirstOrDefault(candidate => candidate.Name == name)?.Port,
    };
}
