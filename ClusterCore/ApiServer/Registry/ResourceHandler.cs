using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Answers;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.ApiServer.Watching;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>The verbs on objects, for every resource.</summary>
internal sealed class ResourceHandler(
    ObjectStore objects, ObjectWriter writer, Patcher patcher, ObjectDeleter deleter, ListReader lists, WatchHandler watches, ObjectAnswer answers)
{
    public Task HandleAsync(Scope scope)
    {
        var (request, resource) = (scope.Request, scope.Resource);
        var isCollection = request.Info.Verb is "list" or "watch" or "create" or "deletecollection";
        if (!resource.Verbs.Contains(request.Info.Verb, StringComparer.Ordinal)) { throw Refusal.MethodNotAllowed(); }
        if (resource.Namespaced && request.Info.Namespace.Length == 0 && (!isCollection || request.Info.Verb is "create" or "deletecollection"))
        {
            throw Refusal.MethodNotAllowed();
        }

        if (request.Info is { Verb: "update" or "patch", Name.Length: 0 } or { Verb: "create", Name.Length: > 0 }) { throw Refusal.MethodNotAllowed(); }
        WriteOptions.Check(request);
        // What cannot be answered as asked is not done either.
        if (request.Info.Verb is not ("get" or "list" or "watch")) { ObjectAnswer.Negotiate(scope); }
        if (KindRules.DeprecationOf(resource) is { } deprecation) { request.Warn(deprecation); }
        return request.Info.Verb switch
        {
            "get" => GetAsync(scope),
            "list" => ListAsync(scope),
            "watch" => watches.HandleAsync(scope, ListOptions.Read(scope)),
            "create" => CreateAsync(scope),
            "update" => UpdateAsync(scope),
            "patch" => PatchAsync(scope),
            "delete" => DeleteAsync(scope),
            "deletecollection" => DeleteCollectionAsync(scope),
            _ => throw Refusal.MethodNotAllowed(),
        };
    }

    public async Task GetAsync(Scope scope)
    {
        var version = scope.Request.Query("resourceVersion");
        if (version is not ("" or "0")) { await lists.FreshenAsync(version, scope.Aborted); }
        var found = await objects.GetAsync(scope.Key(), scope.Aborted) ?? throw scope.NotFound(scope.Request.Info.Name);
        await answers.ObjectAsync(scope, found.Value);
    }

    public async Task UpdateAsync(Scope scope, Action<JsonObject, JsonObject>? prepare = null)
    {
        var wanted = await BodyDecoder.ReadAsync(scope.Request, scope.Resource.ApiVersion, scope.Resource.Kind, scope.Resource.Schema);
        Preparation.CheckName(wanted, scope.Request.Info.Name);
        Preparation.Locate(scope.Resource, wanted, scope.Request.Info);
        var written = await writer.ReplaceAsync(scope, wanted, prepare);
        await answers.ObjectAsync(scope, written.Object.Value, written.Created ? 201 : 200);
    }

    public async Task PatchAsync(Scope scope, Action<JsonObject, JsonObject>? prepare = null)
    {
        var written = await patcher.PatchAsync(scope, prepare);
        await answers.ObjectAsync(scope, written.Object.Value, written.Created ? 201 : 200);
    }

    private async Task ListAsync(Scope scope) => await answers.ListAsync(scope, await lists.ReadAsync(scope, ListOptions.Read(scope)));

    private async Task CreateAsync(Scope scope)
    {
        var obj = await BodyDecoder.ReadAsync(scope.Request, scope.Resource.ApiVersion, scope.Resource.Kind, scope.Resource.Schema);
        var written = await writer.CreateAsync(scope, obj);
        await answers.ObjectAsync(scope, written.Object.Value, 201);
    }

    private async Task DeleteAsync(Scope scope)
    {
        var options = await DeleteOptions.ReadAsync(scope.Request);
        WarnOfOrphans(scope, options);
        var deleted = await deleter.DeleteAsync(scope, scope.Key(), options);
        if (deleted.IsGone && KindRules.DeletionShowsObject(scope.Resource))
        {
            await answers.ObjectAsync(scope, deleted.Object.Value);
            return;
        }

        if (!deleted.IsGone)
        {
            await answers.ObjectAsync(scope, deleted.Object.Value, options.IsToldOfDependents ? 202 : 200);
            return;
        }

        await Answer.StatusAsync(scope.Request.Http, new(200, null, "")
        {
            Name = scope.Request.Info.Name,
            Group = scope.Resource.Group,
            Kind = scope.Resource.Plural,
            Uid = deleted.Uid,
        });
    }

    private async Task DeleteCollectionAsync(Scope scope)
    {
        var selection = ListOptions.Read(scope);
        var options = await DeleteOptions.ReadAsync(scope.Request);
        WarnOfOrphans(scope, options);
        var page = await lists.ReadAsync(scope, selection);
        foreach (var item in page.Items)
        {
            try
            {
                await deleter.DeleteAsync(scope, new(scope.Storage, item.Namespace, item.Name), options);
            }
            catch (StatusException refusal) when (refusal.Status.Code == 404)
            {
                // Somebody else was faster: it is gone, which is all that was asked.
                continue;
            }
        }

        await answers.ListAsync(scope, page);
    }

    /// <summary>Jobs leave their pods behind when nobody says otherwise, which few expect.</summary>
    private static void WarnOfOrphans(Scope scope, DeleteOptions options)
    {
        if (options.PropagationPolicy is not null || scope.Resource is not { Group: "batch", Kind: "Job" }) { return; }
        scope.Request.Warn("child pods are preserved by default when jobs are deleted; "
            + "set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning");
    }
}
