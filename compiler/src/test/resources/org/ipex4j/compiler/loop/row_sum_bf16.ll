@ipex.zero = internal constant i64 0, align 8

define i64 @KERNEL(ptr %buffers, ptr %params, i64 %threads) #0 {
entry:
  %ctx = alloca { ptr, ptr, i64 }, align 8
  store ptr %buffers, ptr %ctx
  %pp = getelementptr ptr, ptr %ctx, i64 1
  store ptr %params, ptr %pp
  %sp = getelementptr i64, ptr %ctx, i64 2
  store i64 0, ptr %sp
  %many = icmp ugt i64 %threads, 1
  br i1 %many, label %parallel, label %serial
parallel:
  %n = trunc i64 %threads to i32
  call void @GOMP_parallel(ptr @region, ptr %ctx, i32 %n, i32 0)
  br label %done
serial:
  call void @share(ptr %ctx, i64 0, i64 1)
  br label %done
done:
  %status = load atomic i64, ptr %sp monotonic, align 8
  ret i64 %status
}

define internal void @region(ptr %ctx) #0 {
  %t = call i32 @omp_get_thread_num()
  %n = call i32 @omp_get_num_threads()
  %thread = zext i32 %t to i64
  %threads = zext i32 %n to i64
  call void @share(ptr %ctx, i64 %thread, i64 %threads)
  ret void
}

define internal void @share(ptr %ctx, i64 %thread, i64 %threads) noinline #0 {
  call void @nest0(ptr %ctx, i64 %thread, i64 %threads)
  ret void
}

define internal void @nest0(ptr %ctx, i64 %thread, i64 %threads) #0 {
entry:
  %a0 = alloca i64
  %a8 = alloca i64
  %a9 = alloca i64
  %a12 = alloca <16 x float>
  %a13 = alloca <16 x float>
  %a14 = alloca <16 x float>
  %a15 = alloca <16 x float>
  %a18 = alloca i64
  %buffers = load ptr, ptr %ctx
  %pp = getelementptr ptr, ptr %ctx, i64 1
  %params = load ptr, ptr %pp
  %v1 = load i64, ptr %params, !invariant.load !0
  %v2 = mul i64 %v1, %thread
  %v3 = udiv i64 %v2, %threads
  %v4 = add i64 %thread, 1
  %v5 = mul i64 %v1, %v4
  %v6 = udiv i64 %v5, %threads
  %v7 = icmp ult i64 %v3, %v6
  %v16 = getelementptr i64, ptr %params, i64 1
  %v17 = load i64, ptr %v16, !invariant.load !0
  %v21 = load ptr, ptr %buffers, !invariant.load !0
  %v22 = getelementptr i64, ptr %params, i64 2
  %v23 = load i64, ptr %v22, !invariant.load !0
  %v99 = getelementptr ptr, ptr %buffers, i64 1
  %v100 = load ptr, ptr %v99, !invariant.load !0
  br i1 %v7, label %work, label %done
work:
  store i64 0, ptr %a0
  store i64 %v3, ptr %a8
  store i64 %v3, ptr %a9
  br label %l0
l0:
  %v107 = load i64, ptr %a9
  %v108 = icmp slt i64 %v107, %v6
  br i1 %v108, label %l0.body, label %l0.end
l0.body:
  %v10 = load i64, ptr %a9
  %v11 = load i64, ptr %a8
  store <16 x float> splat (float 0x0000000000000000), ptr %a12
  store <16 x float> splat (float 0x0000000000000000), ptr %a13
  store <16 x float> splat (float 0x0000000000000000), ptr %a14
  store <16 x float> splat (float 0x0000000000000000), ptr %a15
  %v19 = sub i64 %v17, 63
  %v24 = mul i64 %v11, %v23
  %v25 = getelementptr i16, ptr %v21, i64 %v24
  store i64 0, ptr %a18
  br label %l1
l1:
  %v58 = load i64, ptr %a18
  %v59 = icmp slt i64 %v58, %v19
  br i1 %v59, label %l1.body, label %l1.end
l1.body:
  %v20 = load i64, ptr %a18
  %v26 = getelementptr i16, ptr %v25, i64 %v20
  %v27 = load <16 x i16>, ptr %v26, align 2
  %v28 = zext <16 x i16> %v27 to <16 x i32>
  %v29 = shl <16 x i32> %v28, splat (i32 16)
  %v30 = bitcast <16 x i32> %v29 to <16 x float>
  %v31 = load <16 x float>, ptr %a12
  %v32 = fadd contract <16 x float> %v31, %v30
  store <16 x float> %v32, ptr %a12
  %v33 = add i64 %v20, 16
  %v34 = getelementptr i16, ptr %v25, i64 %v33
  %v35 = load <16 x i16>, ptr %v34, align 2
  %v36 = zext <16 x i16> %v35 to <16 x i32>
  %v37 = shl <16 x i32> %v36, splat (i32 16)
  %v38 = bitcast <16 x i32> %v37 to <16 x float>
  %v39 = load <16 x float>, ptr %a13
  %v40 = fadd contract <16 x float> %v39, %v38
  store <16 x float> %v40, ptr %a13
  %v41 = add i64 %v20, 32
  %v42 = getelementptr i16, ptr %v25, i64 %v41
  %v43 = load <16 x i16>, ptr %v42, align 2
  %v44 = zext <16 x i16> %v43 to <16 x i32>
  %v45 = shl <16 x i32> %v44, splat (i32 16)
  %v46 = bitcast <16 x i32> %v45 to <16 x float>
  %v47 = load <16 x float>, ptr %a14
  %v48 = fadd contract <16 x float> %v47, %v46
  store <16 x float> %v48, ptr %a14
  %v49 = add i64 %v20, 48
  %v50 = getelementptr i16, ptr %v25, i64 %v49
  %v51 = load <16 x i16>, ptr %v50, align 2
  %v52 = zext <16 x i16> %v51 to <16 x i32>
  %v53 = shl <16 x i32> %v52, splat (i32 16)
  %v54 = bitcast <16 x i32> %v53 to <16 x float>
  %v55 = load <16 x float>, ptr %a15
  %v56 = fadd contract <16 x float> %v55, %v54
  store <16 x float> %v56, ptr %a15
  %v57 = add i64 %v20, 64
  store i64 %v57, ptr %a18
  br label %l1
l1.end:
  br label %l2
l2:
  %v75 = load i64, ptr %a18
  %v76 = icmp slt i64 %v75, %v17
  br i1 %v76, label %l2.body, label %l2.end
l2.body:
  %v60 = load i64, ptr %a18
  %v61 = sub i64 %v17, %v60
  %v62 = trunc i64 %v61 to i32
  %v63 = insertelement <16 x i32> poison, i32 %v62, i64 0
  %v64 = shufflevector <16 x i32> %v63, <16 x i32> poison, <16 x i32> zeroinitializer
  %v65 = icmp ult <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>, %v64
  %v66 = getelementptr i16, ptr %v25, i64 %v60
  %v67 = call <16 x i16> @llvm.masked.load.v16i16.p0(ptr %v66, i32 2, <16 x i1> %v65, <16 x i16> zeroinitializer)
  %v68 = zext <16 x i16> %v67 to <16 x i32>
  %v69 = shl <16 x i32> %v68, splat (i32 16)
  %v70 = bitcast <16 x i32> %v69 to <16 x float>
  %v71 = select <16 x i1> %v65, <16 x float> %v70, <16 x float> splat (float 0x0000000000000000)
  %v72 = load <16 x float>, ptr %a12
  %v73 = fadd contract <16 x float> %v72, %v71
  store <16 x float> %v73, ptr %a12
  %v74 = add i64 %v60, 16
  store i64 %v74, ptr %a18
  br label %l2
l2.end:
  %v77 = load <16 x float>, ptr %a12
  %v78 = load <16 x float>, ptr %a13
  %v79 = load <16 x float>, ptr %a14
  %v80 = load <16 x float>, ptr %a15
  %v81 = fadd contract <16 x float> %v77, %v78
  %v82 = fadd contract <16 x float> %v79, %v80
  %v83 = fadd contract <16 x float> %v81, %v82
  %v84 = shufflevector <16 x float> %v83, <16 x float> poison, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>
  %v85 = shufflevector <16 x float> %v83, <16 x float> poison, <8 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %v86 = fadd contract <8 x float> %v84, %v85
  %v87 = shufflevector <8 x float> %v86, <8 x float> poison, <4 x i32> <i32 0, i32 1, i32 2, i32 3>
  %v88 = shufflevector <8 x float> %v86, <8 x float> poison, <4 x i32> <i32 4, i32 5, i32 6, i32 7>
  %v89 = fadd contract <4 x float> %v87, %v88
  %v90 = shufflevector <4 x float> %v89, <4 x float> poison, <2 x i32> <i32 0, i32 1>
  %v91 = shufflevector <4 x float> %v89, <4 x float> poison, <2 x i32> <i32 2, i32 3>
  %v92 = fadd contract <2 x float> %v90, %v91
  %v93 = shufflevector <2 x float> %v92, <2 x float> poison, <1 x i32> <i32 0>
  %v94 = shufflevector <2 x float> %v92, <2 x float> poison, <1 x i32> <i32 1>
  %v95 = extractelement <1 x float> %v93, i64 0
  %v96 = extractelement <1 x float> %v94, i64 0
  %v97 = fadd contract float %v95, %v96
  %v98 = call i16 @ipex.bf16.f32(float %v97)
  %v101 = getelementptr i16, ptr %v100, i64 %v11
  store i16 %v98, ptr %v101, align 2
  %v102 = load i64, ptr %a8
  %v103 = add i64 %v102, 1
  %v104 = icmp eq i64 %v103, %v1
  %v105 = select i1 %v104, i64 0, i64 %v103
  store i64 %v105, ptr %a8
  %v106 = add i64 %v10, 1
  store i64 %v106, ptr %a9
  br label %l0
l0.end:
  br label %done
done:
  ret void
}

define internal i16 @ipex.bf16.f32(float %x) alwaysinline nounwind {
  %bits = bitcast float %x to i32
  %upper = lshr i32 %bits, 16
  %odd = and i32 %upper, 1
  %half = add i32 %bits, 32767
  %sum = add i32 %half, %odd
  %nan = fcmp uno float %x, %x
  %quiet = or i32 %bits, 4194304
  %kept = select i1 %nan, i32 %quiet, i32 %sum
  %shifted = lshr i32 %kept, 16
  %result = trunc i32 %shifted to i16
  ret i16 %result
}

declare <16 x i16> @llvm.masked.load.v16i16.p0(ptr, i32, <16 x i1>, <16 x i16>)
declare i32 @omp_get_num_threads()
declare i32 @omp_get_thread_num()
declare void @GOMP_parallel(ptr, ptr, i32, i32)

attributes #0 = { nounwind "prefer-vector-width"="512" "min-legal-vector-width"="512" }
!0 = !{}
