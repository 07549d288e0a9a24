using Flotilla.ClusterCore.Grpc;
using Flotilla.NodeAgent.Runtime.Containerd.Events;
using Flotilla.NodeAgent.Runtime.Containerd.Tasks;
using Flotilla.NodeAgent.Runtime.Cri;
using Google.Protobuf;

namespace Flotilla.NodeAgent.Runtime.Containerd;

/// <summary>Every gRPC method that is called, in one list.</summary>
internal static class CriMethods
{
    private const string Runtime = "runtime.v1.RuntimeService";
    private const string Tasks = "containerd.services.tasks.v1.Tasks";
    private const string ImageService = "runtime.v1.ImageService";

    public static readonly GrpcMethod<VersionRequest, VersionResponse> Version = Of<VersionRequest, VersionResponse>(Runtime, nameof(Version));
    public static readonly GrpcMethod<StatusRequest, StatusResponse> Status = Of<StatusRequest, StatusResponse>(Runtime, nameof(Status));
    public static readonly GrpcMethod<RunPodSandboxRequest, Id> RunPodSandbox = Of<RunPodSandboxRequest, Id>(Runtime, nameof(RunPodSandbox));
    public static readonly GrpcMethod<Id, Empty> StopPodSandbox = Of<Id, Empty>(Runtime, nameof(StopPodSandbox));
    public static readonly GrpcMethod<Id, Empty> RemovePodSandbox = Of<Id, Empty>(Runtime, nameof(RemovePodSandbox));
    public static readonly GrpcMethod<PodSandboxStatusRequest, PodSandboxStatusResponse> PodSandboxStatus =
        Of<PodSandboxStatusRequest, PodSandboxStatusResponse>(Runtime, nameof(PodSandboxStatus));
    public static readonly GrpcMethod<ListPodSandboxRequest, ListPodSandboxResponse> ListPodSandbox =
        Of<ListPodSandboxRequest, ListPodSandboxResponse>(Runtime, nameof(ListPodSandbox));
    public static readonly GrpcMethod<CreateContainerRequest, Id> CreateContainer = Of<CreateContainerRequest, Id>(Runtime, nameof(CreateContainer));
    public static readonly GrpcMethod<Id, Empty> StartContainer = Of<Id, Empty>(Runtime, nameof(StartContainer));
    public static readonly GrpcMethod<StopContainerRequest, Empty> StopContainer = Of<StopContainerRequest, Empty>(Runtime, nameof(StopContainer));
    public static readonly GrpcMethod<UpdateContainerResourcesRequest, Empty> UpdateContainerResources =
        Of<UpdateContainerResourcesRequest, Empty>(Runtime, nameof(UpdateContainerResources));
    public static readonly GrpcMethod<Id, Empty> RemoveContainer = Of<Id, Empty>(Runtime, nameof(RemoveContainer));
    public static readonly GrpcMethod<ListContainersRequest, ListContainersResponse> ListContainers =
        Of<ListContainersRequest, ListContainersResponse>(Runtime, nameof(ListContainers));
    public static readonly GrpcMethod<ContainerStatusRequest, ContainerStatusResponse> ContainerStatus =
        Of<ContainerStatusRequest, ContainerStatusResponse>(Runtime, nameof(ContainerStatus));
    public static readonly GrpcMethod<Id, Empty> ReopenContainerLog = Of<Id, Empty>(Runtime, nameof(ReopenContainerLog));
    public static readonly GrpcMethod<ListContainerStatsRequest, ListContainerStatsResponse> ListContainerStats =
        Of<ListContainerStatsRequest, ListContainerStatsResponse>(Runtime, nameof(ListContainerStats));
    public static readonly GrpcMethod<ExecSyncRequest, ExecSyncResponse> ExecSync = Of<ExecSyncRequest, ExecSyncResponse>(Runtime, nameof(ExecSync));
    public static readonly GrpcMethod<ExecRequest, StreamResponse> Exec = Of<ExecRequest, StreamResponse>(Runtime, nameof(Exec));
    public static readonly GrpcMethod<AttachRequest, StreamResponse> Attach = Of<AttachRequest, StreamResponse>(Runtime, nameof(Attach));
    public static readonly GrpcMethod<PortForwardRequest, StreamResponse> PortForward = Of<PortForwardRequest, StreamResponse>(Runtime, nameof(PortForward));
    public static readonly GrpcMethod<ListImagesRequest, ListImagesResponse> ListImages = Of<ListImagesRequest, ListImagesResponse>(ImageService, nameof(ListImages));
    public static readonly GrpcMethod<ImageRequest, ImageStatusResponse> ImageStatus = Of<ImageRequest, ImageStatusResponse>(ImageService, nameof(ImageStatus));
    public static readonly GrpcMethod<PullImageRequest, PullImageResponse> PullImage = Of<PullImageRequest, PullImageResponse>(ImageService, nameof(PullImage));
    public static readonly GrpcMethod<ImageRequest, Empty> RemoveImage = Of<ImageRequest, Empty>(ImageService, nameof(RemoveImage));
    public static readonly GrpcMethod<Empty, ImageFsInfoResponse> ImageFsInfo = Of<Empty, ImageFsInfoResponse>(ImageService, nameof(ImageFsInfo));
    public static readonly GrpcMethod<SubscribeRequest, Envelope> Subscribe =
        Of<SubscribeRequest, Envelope>("containerd.services.events.v1.Events", nameof(Subscribe));

    public static readonly GrpcMethod<KillRequest, Empty> Kill = Of<KillRequest, Empty>(Tasks, nameof(Kill));
    public static readonly GrpcMethod<WaitRequest, WaitResponse> Wait = Of<WaitRequest, WaitResponse>(Tasks, nameof(Wait));

    private static GrpcMethod<TRequest, TResponse> Of<TRequest, TResponse>(string service, string name)
        where TRequest : class, IMessage<TRequest>, new() where TResponse : class, IMessage<TResponse>, new() =>
        new(service, name, Marshaller<TRequest>(), Marshaller<TResponse>());

    private static GrpcMarshaller<T> Marshaller<T>() where T : class, IMessage<T>, new()
    {
        var parser = new MessageParser<T>(static () => new T()).WithDiscardUnknownFields(true);
        return new(static message => message.CalculateSize(), static (message, writer) => message.WriteTo(writer), parser.ParseFrom);
    }
}
