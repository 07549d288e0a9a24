using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Flotilla.ClusterCore.ApiServer.Nodes;

/// <summary>
/// An upgraded connection (WebSocket or SPDY/3.1) passed through byte for byte: what the two ends speak over it is theirs.
/// </summary>
internal sealed class UpgradeTunnel(KubeletDialer dialer, X509Certificate2 clientCertificate)
{
    private const int LongestHead = 32 * 1024;
    private static readonly TimeSpan longestClose = TimeSpan.FromSeconds(5);
    private const string TokenProtocol = "base64url.bearer.authorization.k8s.io.";
    private static readonly string[] notPassedOn = ["Connection", "Host", "Authorization", "Content-Length", "Sec-WebSocket-Protocol"];
    private static readonly string[] passedBack = ["Upgrade", "Sec-WebSocket-Accept", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "X-Stream-Protocol-Version"];

    public async Task RunAsync(HttpContext context, KubeletAddress kubelet, string path)
    {
        await using var far = await DialAsync(kubelet, context.RequestAborted);
        await RunAsync(context, far, kubelet.ToString(), path);
    }

    /// <summary>Over a connection to what users run.</summary>
    public static async Task RunAsync(HttpContext context, Stream connection, Uri target)
    {
        if (target.Scheme != Uri.UriSchemeHttps)
        {
            await RunAsync(context, connection, target.Authority, target.PathAndQuery);
            return;
        }

        await using var secure = new SslStream(connection, leaveInnerStreamOpen: true);
        await secure.AuthenticateAsClientAsync(KubeletTls.Unchecked(target.Host), context.RequestAborted);
        await RunAsync(context, secure, target.Authority, target.PathAndQuery);
    }

    private static async Task RunAsync(HttpContext context, Stream far, string host, string path)
    {
        var cancellationToken = context.RequestAborted;
        await far.WriteAsync(Head(context.Request, host, path), cancellationToken);
        var answer = await ResponseHead.ReadAsync(far, LongestHead, cancellationToken) ?? throw Refusal.Internal($"error dialing backend: {host} closed the connection");
        if (answer.Code != StatusCodes.Status101SwitchingProtocols)
        {
            await RelayAsync(context.Response, answer, far, cancellationToken);
            return;
        }

        foreach (var name in passedBack)
        {
            if (answer.Headers.TryGetValue(name, out var values)) { context.Response.Headers[name] = values.ToArray(); }
        }

        var upgrade = context.Features.Get<IHttpUpgradeFeature>() ?? throw Refusal.BadRequest("unable to upgrade: the connection cannot be taken over");
        await using var near = await upgrade.UpgradeAsync();
        await near.WriteAsync(answer.Rest, cancellationToken);
        await near.FlushAsync(cancellationToken);
        await CopyBothWaysAsync(near, far, cancellationToken);
    }

    private async ValueTask<Stream> DialAsync(KubeletAddress kubelet, CancellationToken cancellationToken)
    {
        Stream? plain = null;
        try
        {
            plain = await dialer.ConnectAsync(kubelet, cancellationToken);
            var secure = new SslStream(plain);
            await secure.AuthenticateAsClientAsync(KubeletTls.Options(kubelet.Host, clientCertificate), cancellationToken);
            return secure;
        }
        catch (Exception exception) when (exception is SocketException or System.Security.Authentication.AuthenticationException or IOException)
        {
            plain?.Dispose();
            throw Refusal.Internal($"error dialing backend: dial tcp {kubelet}: {exception.Message}");
        }
    }

    private static byte[] Head(HttpRequest request, string host, string path)
    {
        var head = new StringBuilder($"{request.Method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\n");
        foreach (var (name, values) in request.Headers.Where(header => !notPassedOn.Contains(header.Key, StringComparer.OrdinalIgnoreCase)))
        {
            foreach (var value in values) { head.Append(name).Append(": ").Append(value).Append("\r\n"); }
        }

        // The caller's token is for this server, not for the node.
        var protocols = request.Headers.SecWebSocketProtocol.SelectMany(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries))
            .Where(protocol => !protocol.StartsWith(TokenProtocol, StringComparison.Ordinal)).ToArray();
        if (protocols.Length > 0) { head.Append("Sec-WebSocket-Protocol: ").AppendJoin(", ", protocols).Append("\r\n"); }
        if (request.Method == "POST") { head.Append("Content-Length: 0\r\n"); }
        return Encoding.ASCII.GetBytes(head.Append("\r\n").ToString());
    }

    private static async Task RelayAsync(HttpResponse response, ResponseHead answer, Stream far, CancellationToken cancellationToken)
    {
        response.StatusCode = answer.Code;
        if (answer.Headers.TryGetValue("Content-Type", out var type)) { response.ContentType = type[0]; }
        try
        {
            await new ResponseBody(answer, far).CopyToAsync(response.Body, cancellationToken);
        }
        catch (IOException broken)
        {
            throw Refusal.Internal($"error dialing backend: {broken.Message}");
        }
    }

    /// <summary>
    /// Ends when either side does: these protocols do not half-close. When it is the far side, the near one is heard out for a while: a
    /// connection that ends with something unread is reset, and what the client has yet to read goes with it.
    /// </summary>
    private static async Task CopyBothWaysAsync(Stream near, Stream far, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var (up, down) = (CopyAsync(near, far, hearsOut: true, end.Token), CopyAsync(far, near, hearsOut: false, end.Token));
        if (await Task.WhenAny(up, down) == down) { await Task.WhenAny(up, Task.Delay(longestClose, cancellationToken)); }
        await end.CancelAsync();
        await Task.WhenAll(up, down).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <param name="hearsOut">What is not taken any more is passed over, and the copying goes on until its source ends.</param>
    private static async Task CopyAsync(Stream from, Stream to, bool hearsOut, CancellationToken cancellationToken)
    {
        var (buffer, taken) = (new byte[32 * 1024], true);
        while (await from.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            try
            {
                if (!taken) { continue; }
                await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                await to.FlushAsync(cancellationToken);
            }
            catch (IOException) when (hearsOut)
            {
                taken = false;
            }
        }
    }
}
