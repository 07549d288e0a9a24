using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit;

namespace Flotilla.EndToEnd.Sandboxes;

/// <summary>A control plane is on no pod network, and yet <c>/proxy</c> shows what pods and Services answer.</summary>
[Collection(SandboxCollection.Name)]
public sealed class PodProxyTests(TwoClusters clusters)
{
    private ApiClient Client => clusters.Ours.Client;

    [Fact]
    public async Task A_pod_and_its_service_answer_through_the_api_server()
    {
        await clusters.Ours.RunPodAsync("page", """mkdir /page; echo '{"it":"works"}' >/page/a.json; trap 'exit 0' TERM; httpd -f -p 8080 -h /page & wait""");
        var service = new Service
        {
            Metadata = new() { Name = "page", Namespace = "default" },
            Spec = new() { Selector = A.Labels("app", "page"), Ports = [new() { Port = 80, TargetPort = 8080 }] },
        };
        (await Client.CreateAsync(Kinds.Services, service, CancellationToken.None)).OrThrow();
        foreach (var target in (string[])["pods/page:8080", "services/page:80", "services/page"])
        {
            await Eventually.TrueAsync(async () => await AskAsync(target) == "works", $"{target} answers");
        }
    }

    private async Task<string?> AskAsync(string target)
    {
        var answer = await Client.RequestAsync(HttpMethod.Get, $"/api/v1/namespaces/default/{target}/proxy/a.json", null, CancellationToken.None);
        return answer.Value?["it"]?.ToString();
    }
}
