using System.Net;
using Flotilla.ClusterCore.Client;

namespace Flotilla.Provisioner.Plans.Clusters;

/// <summary>One master's API.</summary>
public sealed class ClusterApi : IDisposable
{
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(3);

    private readonly HttpMessageInvoker http;

    internal ClusterApi(Kubeconfig kubeconfig)
    {
        http = new(ApiConnection.CreateHandler(kubeconfig));
        Server = kubeconfig.Server;
        Client = new(http, kubeconfig.Server) { UserAgent = "flotilla-provisioner" };
    }

    public Uri Server { get; }

    public ApiClient Client { get; }

    /// <summary>False also when nobody answers.</summary>
    public async Task<bool> IsReadyAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(ProbeTimeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Server, "/readyz"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        try
        {
            using var response = await http.SendAsync(request, both.Token);
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    public void Dispose()
    {
        Client.Dispose();
        http.Dispose();
    }
}
