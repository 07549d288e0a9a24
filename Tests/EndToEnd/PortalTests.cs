using System.Text.RegularExpressions;
using Flotilla.EndToEnd.Platform;
using Flotilla.TestKit;
using Microsoft.Playwright;

namespace Flotilla.EndToEnd;

/// <summary>One user's first afternoon, in a real browser: from the one-time link to a deleted cluster.</summary>
[Collection(PlatformCollection.Name)]
public sealed class PortalTests(PlatformFixture platform)
{
    private const string Project = "web-shop", Cluster = "checkout";

    [Fact]
    public async Task An_admin_signs_up_makes_a_cluster_uses_it_is_alerted_and_deletes_it()
    {
        await using var browser = await Browser.StartAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        var page = await browser.OpenAsync(platform.AdminLink);

        await SignUpAsync(page);
        await The_link_works_only_once(browser);
        await CreateProjectAsync(page);
        var secret = await AddWebhookAsync(page, receiver.Url);
        var id = await CreateClusterAsync(page);
        var kubectl = await DownloadKubeconfigAsync(page);
        await DeployAsync(page, kubectl);
        await Alerts_arrive_signed(receiver, secret);
        await DeleteClusterAsync(page);

        Assert.Empty(await MachineState.FindTracesAsync(platform, id));
    }

    [Fact]
    public async Task A_wrong_link_says_so()
    {
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync($"{platform.Url}/setup/not-a-real-token");
        await Assertions.Expect(page.GetByTestId("setup-invalid")).ToBeVisibleAsync();
    }

    private static async Task SignUpAsync(IPage page)
    {
        await page.GetByTestId("name").FillAsync("Ada Admin");
        await page.GetByTestId("email").FillAsync("ada@example.org");
        await page.GetByTestId("password").FillAsync("Correct-horse-9-battery");
        await page.GetByTestId("create-admin").ClickAsync();
        await Assertions.Expect(page.GetByTestId("shell")).ToBeVisibleAsync();
    }

    private async Task The_link_works_only_once(Browser browser)
    {
        var page = await browser.OpenAsync(platform.AdminLink);
        await Assertions.Expect(page.GetByTestId("setup-invalid")).ToBeVisibleAsync();
    }

    private async Task CreateProjectAsync(IPage page)
    {
        await page.GotoAsync($"{platform.Url}/projects");
        await page.GetByTestId("create-project").ClickAsync();
        await page.GetByTestId("project-name").FillAsync(Project);
        await page.GetByTestId("submit-project").ClickAsync();
        await Assertions.Expect(page.GetByTestId($"project-{Project}")).ToBeVisibleAsync();
    }

    private async Task<string> AddWebhookAsync(IPage page, string url)
    {
        await page.GotoAsync($"{platform.Url}/alerts");
        await page.GetByTestId("create-channel").ClickAsync();
        await page.GetByTestId("channel-name").FillAsync("chat");
        await page.GetByTestId("channel-project").SelectOptionAsync(Project);
        await page.GetByTestId("channel-url").FillAsync(url);
        await page.GetByTestId("submit-channel").ClickAsync();
        return (await page.GetByTestId("channel-secret").InnerTextAsync()).Trim();
    }

    private async Task<string> CreateClusterAsync(IPage page)
    {
        await page.GotoAsync($"{platform.Url}/clusters");
        await page.GetByTestId("create-cluster").ClickAsync();
        await page.GetByTestId("cluster-name").FillAsync(Cluster);
        await page.GetByTestId("cluster-project").SelectOptionAsync(Project);
        await page.GetByTestId("purpose-personal").CheckAsync();
        await page.GetByTestId("cluster-workers").FillAsync("2");
        await page.GetByTestId("submit-cluster").ClickAsync();

        await page.WaitForURLAsync(new Regex("/clusters/[a-z0-9]+$", RegexOptions.NonBacktracking));
        await Assertions.Expect(page.GetByTestId("timeline")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByTestId("cluster-state")).ToHaveTextAsync("Ready", new() { Timeout = 90_000 });
        await page.GetByTestId("tab-nodes").ClickAsync();
        await Assertions.Expect(page.GetByTestId("nodes").Locator("tbody tr")).ToHaveCountAsync(3);
        await page.GetByTestId("tab-overview").ClickAsync();
        return page.Url[(page.Url.LastIndexOf('/') + 1)..];
    }

    private async Task<Kubectl> DownloadKubeconfigAsync(IPage page)
    {
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByTestId("kubeconfig-download").ClickAsync());
        var file = Path.Combine(platform.Home, "downloaded.kubeconfig");
        await download.SaveAsAsync(file);
        return new(platform.Environment, file);
    }

    /// <summary>With the Workloads page open: what kubectl does shows there by itself.</summary>
    private static async Task DeployAsync(IPage page, Kubectl kubectl)
    {
        await page.GetByTestId("tab-workloads").ClickAsync();
        await Assertions.Expect(page.GetByTestId("no-deployments")).ToBeVisibleAsync();
        await kubectl.RunAsync("apply -f Tests/EndToEnd/Manifests/nginx.yaml");
        await Assertions.Expect(page.GetByTestId("deployment-nginx-deployment").GetByTestId("ready")).ToHaveTextAsync("3/3", new() { Timeout = 90_000 });
        await Assertions.Expect(page.GetByTestId("pods").Locator("tbody tr")).ToHaveCountAsync(3);
        await Assertions.Expect(page.GetByTestId("events")).ToContainTextAsync("Scaled up replica set");
    }

    private static async Task Alerts_arrive_signed(WebhookReceiver receiver, string secret)
    {
        var received = await Eventually.GetAsync(
            () => Task.FromResult(receiver.Received.ToArray()),
            all => Mentions(all, "new app") && Mentions(all, "deployed"));
        Assert.All(received, webhook => Assert.True(webhook.IsSignedWith(secret)));
        Assert.Equal(received.Length, received.Select(webhook => webhook.Id).Distinct().Count());
    }

    private static bool Mentions(ReceivedWebhook[] all, string title) => all.Any(webhook =>
        webhook.Body.Contains(title, StringComparison.OrdinalIgnoreCase) && webhook.Body.Contains("nginx-deployment", StringComparison.Ordinal));

    private static async Task DeleteClusterAsync(IPage page)
    {
        await page.GetByTestId("tab-settings").ClickAsync();
        await page.GetByTestId("delete-cluster").ClickAsync();
        var confirm = page.GetByTestId("confirm");
        await Assertions.Expect(confirm).ToBeDisabledAsync();
        await page.GetByTestId("confirm-name").FillAsync(Cluster);
        await confirm.ClickAsync();
        await Assertions.Expect(page.GetByTestId("cluster-state")).ToHaveTextAsync("Deleted", new() { Timeout = 90_000 });
    }
}
