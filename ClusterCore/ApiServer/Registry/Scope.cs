using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.CustomResources;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>A request for one resource: what is asked, of what.</summary>
internal sealed record Scope(ApiRequest Request, ResourceInfo Resource, CustomResource? Custom = null)
{
    public GroupResource GroupResource => new(Resource.Group, Resource.Plural);

    public GroupResource Storage => ServedResources.StorageOf(Resource);

    public CancellationToken Aborted => Request.Aborted;

    public StoreKey Key(string name) => new(Storage, Resource.Namespaced ? Request.Info.Namespace : "", name);

    public StoreKey Key() => Key(Request.Info.Name);

    public StatusException NotFound(string name) => Refusal.NotFound(GroupResource, name);

    /// <summary>In the words of Kubernetes' storage, which clients match on.</summary>
    /// <param name="uid">Of what is there; empty where nothing is.</param>
    public StatusException WrongUid(string wanted, string uid) => Refusal.Conflict(
        GroupResource, Request.Info.Name,
        $"StorageError: invalid object, Code: 4, Key: {UpstreamKey()}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {wanted}, UID in object meta: {uid}");

    /// <summary>Where Kubernetes has the object, which for its oldest kinds is under names they had once.</summary>
    private string UpstreamKey()
    {
        var folder = KindRules.Id(Resource) switch
        {
            "/Node" => "minions",
            "/ReplicationController" => "controllers",
            "/Service" => "services/specs",
            "/Endpoints" => "services/endpoints",
            "networking.k8s.io/Ingress" => "ingress",
            _ when Resource.IsCustom() || Resource.Group is "apiextensions.k8s.io" or "apiregistration.k8s.io" => $"{Resource.Group}/{Resource.Plural}",
            _ => Resource.Plural,
        };
        return $"/{folder}/{Key().Order}";
    }
}
