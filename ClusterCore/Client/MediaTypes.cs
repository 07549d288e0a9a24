namespace Flotilla.ClusterCore.Client;

internal static class MediaTypes
{
    public const string Json = "application/json";
    public const string PartialObject = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
    public const string PartialObjectList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
}
