using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Flotilla.Portal.Contracts;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Operations;

namespace Flotilla.Portal.Web.Tests.Hosting;

public sealed class ApiTests(FleetFixture fleet) : IAsyncLifetime
{
    private readonly HttpClient http = new() { BaseAddress = new(fleet.Address, "/api/v1/"), Timeout = TimeSpan.FromSeconds(30) };
    private Actor actor = null!;
    private string project = "";

    public async ValueTask InitializeAsync()
    {
        actor = await fleet.AddUserAsync();
        project = (await fleet.AddProjectAsync(actor)).Name;
        http.DefaultRequestHeaders.Authorization = new("Bearer", await fleet.AddTokenAsync(actor));
    }

    public ValueTask DisposeAsync()
    {
        http.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer flt_unknown")]
    [InlineData("Basic YTpi")]
    public async Task Without_a_valid_token_nothing_is_told(string? authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "clusters");
        http.DefaultRequestHeaders.Authorization = null;
        if (authorization is not null) { request.Headers.TryAddWithoutValidation("Authorization", authorization); }

        using var response = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
        Assert.Equal(401, (await ProblemAsync(response)).Status);
    }

    [Fact]
    public async Task A_cluster_is_created_listed_and_found_by_name_and_id()
    {
        var operation = await CreateAsync("shop", 2);

        var listed = await GetAsync($"clusters?project={project}", PortalJson.Default.IReadOnlyListClusterView);
        var byName = await GetAsync("clusters/shop", PortalJson.Default.ClusterView);
        var byId = await GetAsync($"clusters/{operation.ClusterId}", PortalJson.Default.ClusterView);

        Assert.Equal(("createCluster", "pending", "shop"), (operation.Kind, operation.State, operation.Cluster));
        Assert.Equal((1, "shop", 2, "creating"), (listed.Count, byName.Name, byName.Workers, byName.State));
        Assert.Equal(byName, byId);
    }

    [Theory]
    [InlineData("", 1, "personal", HttpStatusCode.UnprocessableEntity, "name")]
    [InlineData("No Name", 1, "personal", HttpStatusCode.UnprocessableEntity, "name")]
    [InlineData("fine", -1, "personal", HttpStatusCode.UnprocessableEntity, "workers")]
    [InlineData("fine", 1, "party", HttpStatusCode.UnprocessableEntity, "purpose")]
    public async Task A_refusal_names_the_field(string name, int workers, string purpose, HttpStatusCode status, string field)
    {
        using var response = await PostAsync("clusters", new(name, project, purpose, workers));

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(field, Assert.Single((await ProblemAsync(response)).Errors!).Field);
    }

    [Fact]
    public async Task A_taken_name_is_a_conflict()
    {
        await CreateAsync("shop");

        using var response = await PostAsync("clusters", new("shop", project));

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal("name.taken", (await ProblemAsync(response)).Code);
    }

    [Theory]
    [InlineData("{", HttpStatusCode.BadRequest)]
    [InlineData("[]", HttpStatusCode.BadRequest)]
    [InlineData("{\"workers\":\"many\"}", HttpStatusCode.BadRequest)]
    public async Task A_body_that_cannot_be_read_is_a_bad_request(string body, HttpStatusCode status)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await http.PostAsync("clusters", content);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal((int)status, (await ProblemAsync(response)).Status);
    }

    [Fact]
    public async Task Another_users_things_are_not_there()
    {
        var operation = await CreateAsync("shop");
        var other = await fleet.AddUserAsync();
        http.DefaultRequestHeaders.Authorization = new("Bearer", await fleet.AddTokenAsync(other));

        foreach (var path in (string[])[$"clusters/{operation.ClusterId}", $"operations/{operation.Id}", $"operations/{operation.Id}/watch", $"projects/{project}"])
        {
            using var response = await http.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            Assert.Equal(404, (await ProblemAsync(response)).Status);
        }
        Assert.Empty(await GetAsync("clusters", PortalJson.Default.IReadOnlyListClusterView));
        using var machines = await http.GetAsync("machines");
        Assert.Equal(HttpStatusCode.Forbidden, machines.StatusCode);
    }

    [Fact]
    public async Task A_watch_tells_each_change_and_ends_with_the_operation()
    {
        var operation = await CreateAsync("shop");
        using var response = await http.GetAsync($"operations/{operation.Id}/watch", HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        var states = new List<string>();

        await foreach (var item in SseParser.Create(stream, (_, data) => JsonSerializer.Deserialize(data, PortalJson.Default.OperationView)!).EnumerateAsync())
        {
            if (states.LastOrDefault() == item.Data.State) { continue; }
            states.Add(item.Data.State);
            await fleet.ChangeAsync(context => context.Operations.Single(o => o.Id == operation.Id).State = states.Count switch
            {
                1 => OperationState.Running,
                _ => OperationState.Succeeded,
            });
        }

        Assert.Equal(["pending", "running", "succeeded"], states);
    }

    [Fact]
    public async Task A_token_made_with_a_token_works_until_it_is_revoked()
    {
        using var made = await http.PostAsync("tokens", JsonContent.Create(new("laptop", 1), PortalJson.Default.NewToken));
        var token = (await made.Content.ReadFromJsonAsync(PortalJson.Default.CreatedToken))!;
        using var other = new HttpClient { BaseAddress = http.BaseAddress };
        other.DefaultRequestHeaders.Authorization = new("Bearer", token.Token);

        using (var before = await other.GetAsync("me")) { Assert.Equal(HttpStatusCode.OK, before.StatusCode); }
        using (var revoked = await http.DeleteAsync($"tokens/{token.View.Id}")) { Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode); }
        using (var after = await other.GetAsync("me")) { Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode); }
    }

    [Fact]
    public async Task A_channel_is_made_tested_and_deleted()
    {
        using var made = await http.PostAsync(
            "alert-channels", JsonContent.Create(new("hook", project, "https://chat.example.com/secret"), PortalJson.Default.NewAlertChannel));
        var channel = (await made.Content.ReadFromJsonAsync(PortalJson.Default.CreatedAlertChannel))!;
        using (var tested = await http.PostAsync($"alert-channels/{channel.Channel.Id}/test", content: null))
        {
            Assert.Equal(HttpStatusCode.Accepted, tested.StatusCode);
        }
        var deliveries = await GetAsync($"alert-channels/{channel.Channel.Id}/deliveries", PortalJson.Default.IReadOnlyListDeliveryView);

        Assert.Equal(("https://chat.example.com", "test"), (channel.Channel.Url, Assert.Single(deliveries).Rule));
        using (var deleted = await http.DeleteAsync($"alert-channels/{channel.Channel.Id}")) { Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode); }
        Assert.Empty(await GetAsync("alert-channels", PortalJson.Default.IReadOnlyListAlertChannelView));
    }

    [Fact]
    public async Task An_unknown_route_is_a_problem_too()
    {
        using var response = await http.GetAsync("nothing/here");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(404, (await ProblemAsync(response)).Status);
    }

    private Task<HttpResponseMessage> PostAsync(string path, NewCluster body) =>
        http.PostAsync(path, JsonContent.Create(body, PortalJson.Default.NewCluster));

    private async Task<OperationView> CreateAsync(string name, int workers = 1)
    {
        using var response = await PostAsync("clusters", new(name, project, "personal", workers));
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync(PortalJson.Default.OperationView))!;
    }

    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type) => (await http.GetFromJsonAsync(path, type))!;

    private static async Task<Problem> ProblemAsync(HttpResponseMessage response)
    {
        Assert.Equal(Problem.MediaType, response.Content.Headers.ContentType?.MediaType);
        return (await response.Content.ReadFromJsonAsync(PortalJson.Default.Problem))!;
    }
}
